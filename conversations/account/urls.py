from django.urls import path

from conversations.account import data, keys, profile, security, usage

urlpatterns = [
    path("", profile.profile, name="account"),
    path("theme/", profile.theme, name="account_theme"),
    path("usage/", usage.usage, name="account_usage"),
    path("usage.csv", usage.as_csv, name="account_usage_csv"),
    path("keys/", keys.keys, name="account_keys"),
    path("keys/new/", keys.new, name="new_account_key"),
    path("keys/<int:key_id>/revoke/", keys.revoke, name="revoke_account_key"),
    path("security/", security.security, name="account_security"),
    path("sessions/<int:device_id>/end/", security.end_session, name="end_session"),
    path("sessions/end-others/", security.end_others, name="end_other_sessions"),
    path("data/", data.data, name="account_data"),
    path("data/export/", data.export, name="export_account"),
    path("delete/", data.delete, name="delete_account"),
]
