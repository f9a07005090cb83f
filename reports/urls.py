"""Addresses of the reports room."""

from django.urls import path

from reports import views

app_name = "reports"
urlpatterns = [
    path("deliveries/", views.deliveries, name="deliveries"),
    path("statements/<int:statement_id>/", views.statement, name="statement"),
    path("statements/<int:statement_id>/send/", views.send, name="send"),
    path("statements/<int:statement_id>/pdf/", views.pdf, name="pdf"),
    path("clients/<int:client_id>/", views.client_panel, name="client_panel"),
]
