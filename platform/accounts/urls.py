"""Sign-in and one's own account under /account/; the people of a gmina under /staff/."""

from django.urls import include, path

from accounts import key_pages, language, sign_in, views

# The names django-two-factor-auth looks up. Its pages that turn the second factor off, or show
# all backup codes again, are left out on purpose.
two_factor = (
    [
        path("account/login/", sign_in.SignInView.as_view(), name="login"),
        path("account/two-factor/", sign_in.SetUpView.as_view(), name="setup"),
        path("account/two-factor/qr/", sign_in.QRCodeView.as_view(), name="qr"),
        path("account/two-factor/codes/", views.backup_codes, name="backup_tokens"),
    ],
    "two_factor",
)

urlpatterns = [
    path("", include(two_factor)),
    path("account/", views.account, name="account"),
    path("account/password/", views.change_password, name="password"),
    path("account/keys/", key_pages.keys, name="keys"),
    path("account/confirm/", views.confirm, name="confirm"),
    path("account/logout/", sign_in.sign_out, name="logout"),
    path("account/language/", language.set_language, name="set_language"),
    path("account/invitation/<uidb64>/<token>/", views.InvitationView.as_view(), name="invitation"),
    path("staff/<slug:slug>/people/", views.people, name="people"),
    path("staff/<slug:slug>/people/<int:pk>/", views.person, name="person"),
]
