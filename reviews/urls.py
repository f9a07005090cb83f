"""Addresses of the reviews room."""

from django.urls import path

from reviews import views

app_name = "reviews"
urlpatterns = [
    path("clients/<int:client_id>/ladder/", views.ladder, name="ladder"),
    path("today/", views.today, name="today"),
    path("", views.review_list, name="list"),
    path("<int:review_id>/", views.decision, name="decision"),
    path("clients/<int:client_id>/", views.client_panel, name="client_panel"),
    path("deposits/<int:deposit_id>/", views.deposit_panel, name="deposit_panel"),
]
