"""What people type and send in the portfolios room."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from clients.forms import BusinessDate
from portfolios.models import FeedRun

MOST_BYTES = 10 * 1024 * 1024


class FeedForm(forms.Form):
    """A bank file and the layout it is in."""

    kind = forms.ChoiceField(label=_("Layout"), choices=FeedRun.Kind.choices)
    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, UTF-8, with a header line, at most 10 MB and 200,000 lines."),
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )

    def clean_file(self) -> "UploadedFile[bytes]":
        """Refuse a file that is too large before its bytes are read."""
        file: UploadedFile[bytes] = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB."), code="feed-large")
        return file


class MovementFilter(forms.Form):
    """Filters of a client's movements."""

    account = forms.ChoiceField(label=_("Account"), required=False)
    since = BusinessDate(label=_("From"), required=False)
    until = BusinessDate(label=_("To"), required=False)

    def __init__(self, *args: Any, accounts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["account"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  (narrows the type)
        choice.choices = [("", _("All")), *accounts]
