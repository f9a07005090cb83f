"""Addresses of the compliance room."""

from django.urls import path

from compliance import views

app_name = "compliance"
urlpatterns = [
    path("trail/", views.trail, name="trail"),
    path("trail/mine/", views.own_trail, name="own_trail"),
    path("records/<str:table>/<int:row_id>/", views.record, name="record"),
    path("grants/", views.grants, name="grants"),
    path("ledger/", views.ledger, name="ledger"),
    path("ledger/check/", views.check_ledger, name="check_ledger"),
    path("ledger/restore/", views.restore, name="restore"),
    path("ledger/retire/", views.retire, name="retire"),
    path("ledger/verifier.py", views.verifier, name="verifier"),
    path("ledger/checkpoint.txt", views.checkpoint, name="checkpoint"),
    path("ledger/events/<int:event_id>.zip", views.proof, name="proof"),
    path("holds/", views.holds, name="holds"),
    path("holds/<int:hold_id>/lift/", views.lift_hold, name="lift_hold"),
    path("clients/<int:client_id>/", views.client_panel, name="client_panel"),
    path("clients/<int:client_id>/hold/", views.place_hold, name="place_hold"),
    path("clients/<int:client_id>/close/", views.close_client, name="close_client"),
    path("clients/<int:client_id>/erase/", views.erase_client, name="erase_client"),
    path("clients/<int:client_id>/trail/", views.client_trail, name="client_trail"),
    path("clients/<int:client_id>/sight/", views.sight, name="sight"),
    path("clients/<int:client_id>/purpose/", views.purpose, name="purpose"),
    path("clients/<int:client_id>/open/", views.open_client, name="open_client"),
    path("openings/", views.openings, name="openings"),
    path("openings/<int:opening_id>/end/", views.end_opening, name="end_opening"),
    path("openings/<int:opening_id>/review/", views.review_opening, name="review_opening"),
    path("audits/", views.audits, name="audits"),
    path("audits/draw/", views.draw_audit, name="draw_audit"),
    path("audits/<int:audit_id>/", views.audit, name="audit"),
    path("audits/<int:audit_id>/again/", views.redraw_audit, name="redraw_audit"),
    path("audits/<int:audit_id>/end/", views.end_audit, name="end_audit"),
    path("sample/", views.sample, name="sample"),
]
