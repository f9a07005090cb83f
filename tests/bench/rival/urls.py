"""Five pages, sign-in and the admin."""

from django.contrib.auth.views import LoginView
from django.urls import path

from tests.bench.rival import views
from tests.bench.rival.admin import same, site

urlpatterns = [
    path("login/", LoginView.as_view(template_name="rival/login.html"), name="login"),
    path("clients/", views.client_list, name="clients"),
    path("clients/<int:client_id>/", views.client_detail, name="client"),
    path("clients/<int:client_id>/portfolio/", views.portfolio, name="portfolio"),
    path("trail/", views.trail, name="trail"),
    path("admin/", site.urls),
    path("same/", same.urls),
]
