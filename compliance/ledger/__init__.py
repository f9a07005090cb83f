"""The ledger: events of the trail sealed into a Merkle log that a stranger can check with one file and a public key."""
