"""Maturities are renewed for other terms, and at rates above the board that two people agreed on."""

import django.db.models.deletion
from django.db import migrations, models

from core.approvals import declare
from core.walls import Reach, capture, wall

AFFAIRS = (Reach.VISIBLE, Reach.COMPLIANCE, Reach.SYSTEM)
TERMS = """
-- What a contract said goes into a row of its own when something else is written over it; the new words are known from
-- the time that came with them, or from now where none came.
CREATE OR REPLACE FUNCTION portfolios_keep_terms() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF NEW.known_at <= OLD.known_at THEN
        NEW.known_at := greatest(clock_timestamp(), OLD.known_at);
    END IF;
    INSERT INTO public.portfolios_depositterms (deposit_id, client_id, account_id, institution_id, kind, currency, principal,
        rate, day_count, value_date, term_months, notice_days, matures_on, instruction, renew_amount, renew_months,
        renew_rate, closed_on, known_at,
        superseded_at)
    VALUES (OLD.id, OLD.client_id, OLD.account_id, OLD.institution_id, OLD.kind, OLD.currency, OLD.principal,
        OLD.rate, OLD.day_count, OLD.value_date, OLD.term_months, OLD.notice_days, OLD.matures_on, OLD.instruction,
        OLD.renew_amount, OLD.renew_months, OLD.renew_rate, OLD.closed_on, OLD.known_at, NEW.known_at);
    RETURN NEW;
END $$;
DROP TRIGGER portfolios_keep_terms ON portfolios_deposit;
CREATE TRIGGER portfolios_keep_terms BEFORE UPDATE ON portfolios_deposit FOR EACH ROW
    WHEN ((OLD.account_id, OLD.institution_id, OLD.kind, OLD.currency, OLD.principal, OLD.rate, OLD.day_count, OLD.value_date,
           OLD.term_months, OLD.notice_days, OLD.matures_on, OLD.instruction, OLD.renew_amount, OLD.renew_months,
           OLD.renew_rate, OLD.closed_on)
          IS DISTINCT FROM
          (NEW.account_id, NEW.institution_id, NEW.kind, NEW.currency, NEW.principal, NEW.rate, NEW.day_count, NEW.value_date,
           NEW.term_months, NEW.notice_days, NEW.matures_on, NEW.instruction, NEW.renew_amount, NEW.renew_months,
           NEW.renew_rate, NEW.closed_on))
    EXECUTE FUNCTION portfolios_keep_terms();
ALTER TABLE portfolios_deposit ENABLE ALWAYS TRIGGER portfolios_keep_terms;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0009_closing"),
        ("core", "0019_holiday"),
        ("portfolios", "0012_board"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateException",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("term_months", models.PositiveSmallIntegerField(verbose_name="term in months")),
                ("rate", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="rate")),
                ("listed_rate", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="listed rate")),
                ("transfer_rate", models.DecimalField(decimal_places=10, max_digits=20, verbose_name="transfer rate")),
                ("granted_at", models.DateTimeField(verbose_name="granted")),
            ],
            options={
                "ordering": ["maturity", "term_months", "-id"],
            },
        ),
        migrations.AddField(
            model_name="deposit",
            name="renew_months",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term to renew for"),
        ),
        migrations.AddField(
            model_name="deposit",
            name="renew_rate",
            field=models.DecimalField(
                blank=True, decimal_places=10, max_digits=20, null=True, verbose_name="rate agreed for it"
            ),
        ),
        migrations.AddField(
            model_name="depositterms",
            name="renew_months",
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="term to renew for"),
        ),
        migrations.AddField(
            model_name="depositterms",
            name="renew_rate",
            field=models.DecimalField(
                blank=True, decimal_places=10, max_digits=20, null=True, verbose_name="rate agreed for it"
            ),
        ),
        migrations.AddConstraint(
            model_name="deposit",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("instruction", "none"), _negated=True),
                    models.Q(("renew_months__isnull", True), ("renew_rate__isnull", True)),
                    _connector="OR",
                ),
                name="deposit_paid_out_without_terms",
            ),
        ),
        migrations.AddField(
            model_name="rateexception",
            name="approval",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="core.approval"
            ),
        ),
        migrations.AddField(
            model_name="rateexception",
            name="client",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="clients.client",
                verbose_name="client",
            ),
        ),
        migrations.AddField(
            model_name="rateexception",
            name="maturity",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="exceptions", to="portfolios.maturity"
            ),
        ),
        migrations.AddIndex(
            model_name="rateexception",
            index=models.Index(fields=["client"], name="rateexception_by_client"),
        ),
        migrations.AddConstraint(
            model_name="rateexception",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate__gt", models.F("listed_rate"))), name="rateexception_above_the_board"
            ),
        ),
        capture("portfolios_deposit"),
        wall("portfolios_rateexception", read=AFFAIRS, write=(Reach.SYSTEM,)),
        capture("portfolios_rateexception"),
        migrations.RunSQL(TERMS, migrations.RunSQL.noop),
        declare("deposit:rate", asks=("manager", "lead"), decides=("lead", "compliance")),
    ]
