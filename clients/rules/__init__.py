"""Pure decisions of the clients room, on plain values."""
