"""Addresses of the clients room."""

from django.urls import path

from clients import views

app_name = "clients"
urlpatterns = [
    path("", views.client_list, name="list"),
    path("people/", views.people, name="people"),
    path("tasks/", views.task_list, name="tasks"),
    path("contacts/log/", views.choose_client, name="choose_client"),
    path("<int:client_id>/", views.client_page, name="page"),
    path("<int:client_id>/side/", views.side, name="side"),
    path("<int:client_id>/profile/", views.profile_panel, name="profile_panel"),
    path("<int:client_id>/tasks/", views.tasks_panel, name="tasks_panel"),
    path("<int:client_id>/contacts/", views.contacts, name="contacts"),
    path("<int:client_id>/contacts/log/", views.log_contact, name="log_contact"),
    path("<int:client_id>/handover/", views.hand_over, name="hand_over"),
    path("<int:client_id>/secret/", views.issue_secret, name="issue_secret"),
    path("tasks/<int:task_id>/done/", views.complete_task, name="complete_task"),
]
