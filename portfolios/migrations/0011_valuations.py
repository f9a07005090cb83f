"""What clients were worth each day, what deposit contracts said before, and how changes since a day are found."""

import datetime as dt

import django.db.models.deletion
from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models

from core.walls import Reach, capture, wall

EVERY = (Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)
TERMS = """
ALTER TABLE portfolios_depositterms ADD FOREIGN KEY (deposit_id) REFERENCES portfolios_deposit ON DELETE CASCADE;
GRANT INSERT ON portfolios_depositterms TO steward_trail;
CREATE POLICY archive ON portfolios_depositterms FOR INSERT TO steward_trail WITH CHECK (true);

-- What a contract said goes into a row of its own when something else is written over it; the new words are known from
-- the time that came with them, or from now where none came.
CREATE FUNCTION portfolios_keep_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.known_at <= OLD.known_at THEN
        NEW.known_at := greatest(clock_timestamp(), OLD.known_at);
    END IF;
    INSERT INTO public.portfolios_depositterms (deposit_id, client_id, account_id, institution_id, kind, currency, principal,
        rate, day_count, value_date, term_months, notice_days, matures_on, instruction, renew_amount, closed_on, known_at,
        superseded_at)
    VALUES (OLD.id, OLD.client_id, OLD.account_id, OLD.institution_id, OLD.kind, OLD.currency, OLD.principal,
        OLD.rate, OLD.day_count, OLD.value_date, OLD.term_months, OLD.notice_days, OLD.matures_on, OLD.instruction,
        OLD.renew_amount, OLD.closed_on, OLD.known_at, NEW.known_at);
    RETURN NEW;
END $$;
ALTER FUNCTION portfolios_keep_terms() OWNER TO steward_trail;
REVOKE ALL ON FUNCTION portfolios_keep_terms() FROM PUBLIC;
CREATE TRIGGER portfolios_keep_terms BEFORE UPDATE ON portfolios_deposit FOR EACH ROW
    WHEN ((OLD.account_id, OLD.institution_id, OLD.kind, OLD.currency, OLD.principal, OLD.rate, OLD.day_count, OLD.value_date,
           OLD.term_months, OLD.notice_days, OLD.matures_on, OLD.instruction, OLD.renew_amount, OLD.closed_on)
          IS DISTINCT FROM
          (NEW.account_id, NEW.institution_id, NEW.kind, NEW.currency, NEW.principal, NEW.rate, NEW.day_count, NEW.value_date,
           NEW.term_months, NEW.notice_days, NEW.matures_on, NEW.instruction, NEW.renew_amount, NEW.closed_on))
    EXECUTE FUNCTION portfolios_keep_terms();
ALTER TABLE portfolios_deposit ENABLE ALWAYS TRIGGER portfolios_keep_terms;
"""
CHANGING = ("transaction", "holding", "price", "fxrate")


def changes(model: str) -> list[migrations.AddIndex]:
    """Index what was learned, and what ceased to be believed, since a moment."""
    ended = models.Index(
        fields=["superseded_at"], condition=models.Q(superseded_at__isnull=False), name=f"{model}_ended"
    )
    return [
        migrations.AddIndex(model, BrinIndex(fields=["known_at"], name=f"{model}_known")),
        migrations.AddIndex(model, ended),
    ]


def add_risk_free(apps, schema_editor):
    """Say what return ratios are measured against until the house says otherwise."""
    apps.get_model("core", "Parameter").objects.create(
        key="performance.risk_free_rate", value="0.015", valid_from=dt.date(1900, 1, 1), source="house rule"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("core", "0019_holiday"),
        ("portfolios", "0010_part"),
    ]

    operations = [
        migrations.AlterField(
            "instrument",
            "asset_class",
            models.CharField(
                choices=[
                    ("bond", "Bonds"),
                    ("fund", "Funds"),
                    ("equity", "Equities"),
                    ("insurance", "Insurance"),
                    ("other", "Other assets"),
                    ("index", "Index"),
                ],
                max_length=10,
                verbose_name="asset class",
            ),
        ),
        migrations.AddField("price", "estimated", models.BooleanField(default=False, verbose_name="estimated")),
        capture("portfolios_price", client=""),
        migrations.RunPython(add_risk_free, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="deposit",
            name="account",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="portfolios.account",
                verbose_name="account",
            ),
        ),
        migrations.AlterField(
            model_name="deposit",
            name="institution",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="%(class)ss",
                to="portfolios.institution",
                verbose_name="institution",
            ),
        ),
        migrations.CreateModel(
            name="DepositTerms",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("demand", "Demand deposit"),
                            ("time", "Time deposit"),
                            ("notice", "Call (notice) deposit"),
                            ("large_cd", "Large-denomination CD"),
                            ("structured", "Structured deposit"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("principal", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="principal")),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="rate")),
                (
                    "day_count",
                    models.CharField(
                        choices=[("ACT/360", "ACT/360"), ("ACT/365F", "ACT/365F"), ("30/360", "30/360")],
                        default="ACT/360",
                        max_length=10,
                        verbose_name="day count",
                    ),
                ),
                ("term_months", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term in months")),
                ("notice_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="notice in days")),
                ("matures_on", models.DateField(blank=True, null=True, verbose_name="maturity")),
                (
                    "instruction",
                    models.CharField(
                        choices=[
                            ("none", "Pay out"),
                            ("principal", "Renew principal"),
                            ("all", "Renew principal and interest"),
                            ("part", "Renew a part"),
                        ],
                        default="none",
                        max_length=10,
                        verbose_name="instruction",
                    ),
                ),
                (
                    "renew_amount",
                    models.DecimalField(
                        blank=True, decimal_places=4, max_digits=20, null=True, verbose_name="part to renew"
                    ),
                ),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed")),
                (
                    "account",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="portfolios.account",
                        verbose_name="account",
                    ),
                ),
                (
                    "client",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
                (
                    "deposit",
                    models.ForeignKey(
                        db_constraint=False,
                        help_text="The database keeps and ends it.",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="terms",
                        to="portfolios.deposit",
                    ),
                ),
                (
                    "institution",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="%(class)ss",
                        to="portfolios.institution",
                        verbose_name="institution",
                    ),
                ),
            ],
            options={
                "ordering": ["deposit", "superseded_at", "id"],
                "indexes": [models.Index(fields=["client", "superseded_at"], name="depositterms_by_client")],
            },
        ),
        migrations.CreateModel(
            name="Valuation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("value_date", models.DateField(verbose_name="value date")),
                ("known_at", models.DateTimeField(verbose_name="known at")),
                ("superseded_at", models.DateTimeField(blank=True, editable=False, null=True)),
                ("currency", models.CharField(max_length=3, verbose_name="currency")),
                ("cash", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="cash")),
                ("deposits", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="deposits")),
                ("holdings", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="holdings")),
                ("flow", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="net inflow")),
                ("fees", models.DecimalField(decimal_places=4, max_digits=20, verbose_name="fees")),
                ("net_index", models.FloatField(null=True)),
                ("gross_index", models.FloatField(null=True)),
                ("missing", models.PositiveIntegerField(verbose_name="without price or rate")),
                ("stale", models.PositiveIntegerField(verbose_name="with an old price")),
                (
                    "balances",
                    models.JSONField(help_text="Of the cash accounts, in ten thousandths: where the next day goes on."),
                ),
                (
                    "client",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="clients.client",
                        verbose_name="client",
                    ),
                ),
            ],
            options={
                "ordering": ["client", "value_date"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("superseded_at__isnull", False)),
                        fields=["client", "value_date"],
                        name="valuation_believed_once",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("superseded_at__isnull", True)),
                        fields=("client", "value_date"),
                        name="valuation_one_belief",
                    )
                ],
            },
        ),
        wall("portfolios_valuation", read=EVERY, write=(Reach.SYSTEM,)),
        wall("portfolios_depositterms", read=EVERY, write=()),
        migrations.RunSQL(TERMS, migrations.RunSQL.noop),
        *[operation for model in CHANGING for operation in changes(model)],
    ]
