"""What loads a file of movements in projects without feeds: django-import-export."""

from import_export import fields, resources, widgets

from portfolios.models import Account, Transaction


class Movements(resources.ModelResource):
    """The package's defaults; the file names a movement by its reference and an account by its own."""

    account = fields.Field("account", "account", widgets.ForeignKeyWidget(Account, "reference"))
    client = fields.Field("client_id", "client", widgets.IntegerWidget())

    class Meta:
        model = Transaction
        import_id_fields = ("reference",)


class BulkMovements(Movements):
    """The same with its switch for speed."""

    class Meta:
        model = Transaction
        import_id_fields = ("reference",)
        use_bulk = True
