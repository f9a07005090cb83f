"""The sentences behind the codes of line errors, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

MESSAGES = {
    "encoding": _("The file is not UTF-8 text. Save it as CSV UTF-8 and send it again."),
    "empty": _("The file has no lines below its header."),
    "too-large": _("The file has more than %(most)s lines. Split it."),
    "separator": _("Columns are separated by commas; this header uses another sign."),
    "header-unknown": _("This layout has no such column."),
    "header-missing": _("The header lacks this column."),
    "header-twice": _("The header names this column twice."),
    "header-again": _("This line repeats the header: two files were joined."),
    "quote": _("A quotation mark is opened and never closed, or stands inside a cell without being doubled."),
    "cells": _("The line has %(found)s cells where the header has %(wanted)s."),
    "control": _("The cell holds a control character."),
    "invisible": _("The cell holds an invisible character."),
    "record": _("The column record says what a line is: %(known)s."),
    "foreign": _("A line of this kind leaves this cell empty."),
    "required": _("This cell may not be empty."),
    "too-long": _("At most %(most)s characters fit here."),
    "reference": _("A reference is made of letters, digits and . _ : / # - without blanks."),
    "lost-digits": _("The number was written as a power of ten and has lost digits. Format the column as text."),
    "choice": _("One of: %(known)s."),
    "date": _("A date is written YYYY-MM-DD, between the years 1900 and 2200."),
    "amount": _("An amount is written in digits with a point and at most four decimals: 1234.50."),
    "decimal": _("A figure is written in digits with a point and at most ten decimals."),
    "too-big": _("The figure is too large."),
    "minor-unit": _("%(currency)s has no decimals."),
    "not-negative": _("This may not be negative."),
    "positive": _("This must be greater than zero."),
    "rate": _("A rate is a fraction of one: two percent is written 0.02."),
    "whole": _("A whole number between %(least)s and %(most)s."),
    "currency": _("A currency is an ISO 4217 code of three letters, such as CNY."),
    "country": _("A country is an ISO 3166 code of two letters, such as CN."),
    "email": _("This is not one e-mail address."),
    "phone": _("A phone number has 5 to 20 digits."),
    "isin": _("The check digit of the ISIN does not fit."),
    "resident-id": _("The check digit, date or place of the identity number does not fit."),
    "uscc": _("The check character of the social credit code does not fit."),
    "id-incomplete": _("An identity document needs its kind, country and number."),
    "backup-same": _("The back-up is another person than the dedicated manager."),
    "dates-order": _("This date lies before %(other)s."),
    "maturity": _("A deposit of this kind matures after its value date."),
    "notice": _("A call deposit gives one or seven days of notice."),
    "same-currency": _("A rate is between two different currencies."),
    "different": _("Line %(other)s says something else of the same reference."),
    "too-many": _("There are more errors; only the first %(most)s are listed."),
    "no-client": _("No client has this reference."),
    "no-account": _("No account has this reference."),
    "no-instrument": _("No instrument has this reference."),
    "no-institution": _("No institution has this reference."),
    "no-manager": _("Nobody of this user name looks after clients."),
    "needs-manager": _("A new client needs a dedicated manager."),
    "handover": _("Somebody else looks after this client. A handover is decided by four eyes, not by a file."),
    "owner-differs": _("This belongs to another client. A change of owner is not taken from a file."),
    "currency-differs": _("The currency is %(known)s there."),
    "new-needs": _("It is not known yet, so this cell may not be empty."),
    "party-owner": _("This client is already the owner of the account."),
}


def sentence(code: str, values: Mapping[str, str]) -> str:
    """Return what to tell the reader for a code; a code of an earlier release stands for itself."""
    return str(MESSAGES[code] % values) if code in MESSAGES else code
