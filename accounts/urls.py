"""Of allauth's pages those that serve a purpose here, under its names for them."""

from allauth.account import views as allauth_views
from django.conf import settings
from django.urls import include, path, re_path

from accounts.forms import ChangePasswordForm, ResetPasswordForm
from accounts.views import SignUpView, setup, to_security

MAIL_IS_LOGGED = settings.EMAIL_BACKEND.endswith("console.EmailBackend")

urlpatterns = [
    path("signup/", SignUpView.as_view(), name="account_signup"),
    path("login/", allauth_views.login, name="account_login"),
    path("logout/", allauth_views.logout, name="account_logout"),
    path("inactive/", allauth_views.account_inactive, name="account_inactive"),
    path(
        "password/change/",
        allauth_views.PasswordChangeView.as_view(form_class=ChangePasswordForm),
        name="account_change_password",
    ),
    path("password/reset/", allauth_views.password_reset, name="account_reset_password"),
    path(
        "password/reset/done/",
        allauth_views.PasswordResetDoneView.as_view(
            extra_context={"mail_is_logged": MAIL_IS_LOGGED}
        ),
        name="account_reset_password_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.PasswordResetFromKeyView.as_view(form_class=ResetPasswordForm),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("reauthenticate/", allauth_views.reauthenticate, name="account_reauthenticate"),
    path("2fa/", to_security, name="mfa_index"),
    path("2fa/webauthn/", to_security, name="mfa_list_webauthn"),
    path("2fa/", include("allauth.mfa.urls")),
    path("setup/<str:token>/", setup, name="account_setup"),
]
