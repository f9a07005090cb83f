"""Which address opens which room. Every route, third-party ones too, declares its rule or nothing starts."""

from allauth.account import views as account
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from core.lists.views import export, export_file, export_list, export_progress
from core.views import (
    api_documentation,
    approval,
    approval_list,
    deputy,
    end_deputy,
    healthz,
    home,
    own_tokens,
    parameter,
    parameters,
    profile,
    revoke_token,
    staff,
    staff_member,
    staff_role,
    webhook,
    webhook_list,
)
from core.views.calendars import calendars, holiday, new_holiday
from core.web import Rule, public

schema = SpectacularAPIView.as_view()
schema.rule = Rule("home:open")  # type: ignore[attr-defined]
password = account.password_change
password.rule = Rule("profile:edit", methods=("GET", "POST"))
again = account.reauthenticate
again.rule = Rule("profile:edit", methods=("GET", "POST"))
leave = account.logout
leave.rule = Rule("profile:edit", methods=("GET", "POST"))

urlpatterns = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("accounts/login/", public(account.login), name="account_login"),
    path("accounts/logout/", leave, name="account_logout"),
    path("accounts/password/change/", password, name="account_change_password"),
    path("accounts/reauthenticate/", again, name="account_reauthenticate"),
    path("profile/", profile, name="profile"),
    path("profile/tokens/", own_tokens, name="tokens"),
    path("profile/tokens/<int:token_id>/revoke/", revoke_token, name="revoke_token"),
    path("settings/webhooks/", webhook_list, name="webhooks"),
    path("settings/webhooks/<int:webhook_id>/", webhook, name="webhook"),
    path("approvals/", approval_list, name="approvals"),
    path("approvals/<int:approval_id>/", approval, name="approval"),
    path("approvals/deputy/", deputy, name="deputy"),
    path("approvals/deputy/<int:delegation_id>/end/", end_deputy, name="end_deputy"),
    path("exports/", export_list, name="exports"),
    path("exports/<int:export_id>/", export, name="export"),
    path("exports/<int:export_id>/progress/", export_progress, name="export_progress"),
    path("exports/<int:export_id>/file/", export_file, name="export_file"),
    path("staff/", staff, name="staff"),
    path("staff/<int:user_id>/", staff_member, name="staff_member"),
    path("staff/<int:user_id>/role/", staff_role, name="staff_role"),
    path("parameters/", parameters, name="parameters"),
    path("parameters/<int:parameter_id>/", parameter, name="parameter"),
    path("calendars/", calendars, name="calendars"),
    path("calendars/new/", new_holiday, name="new_holiday"),
    path("calendars/<int:holiday_id>/", holiday, name="holiday"),
    path("clients/", include("clients.urls")),
    path("portfolios/", include("portfolios.urls")),
    path("compliance/", include("compliance.urls")),
    path("reviews/", include("reviews.urls")),
    path("reports/", include("reports.urls")),
    path("api/", include("config.api")),
    path("api/schema/", schema, name="schema"),
    path("api/docs/", api_documentation, name="api_documentation"),
]
handler400 = "core.web.bad_request"
handler403 = "core.web.forbidden"
handler404 = "core.web.not_found"
handler500 = "core.web.server_error"
