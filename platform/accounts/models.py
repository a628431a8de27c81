"""Staff, gminas (tenants) and who may work for which."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **extra: object) -> "User":
        """Without a password nobody can sign in yet (an invitation sets one)."""
        user = self.model(email=email.strip().lower(), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser):
    """A member of staff; signs in by e-mail, stored in lower case. Residents are not users."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    lang = models.CharField(max_length=2, default="pl")
    is_active = models.BooleanField(default=True)
    # Creates gminas, imports TERYT, publishes national layers; sees no residents and no alerts.
    is_operator = models.BooleanField(default=False)
    # Password and second factor are in the repository: see backends.py.
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    def __str__(self) -> str:
        return self.email

    def is_verified(self) -> bool:
        """Whether the second factor was given; OTPMiddleware puts the session's answer here."""
        return False

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name


class Gmina(models.Model):
    """A municipality: the tenant."""

    class Kind(models.TextChoices):
        TOWN = "town", _("town")
        RURAL = "rural", _("rural")
        TOWN_AND_COUNTRY = "town_and_country", _("town and country")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=100)
    office = models.CharField(
        max_length=150, help_text="As residents read it: Urząd Miasta Chorzów"
    )
    kind = models.CharField(max_length=20, choices=Kind.choices)
    # WOJ+POW+GMI: the join key. RODZ, the seventh digit, is an attribute: see
    # docs/decisions/0003-who-is-told.md.
    terc6 = models.CharField(max_length=6, unique=True, validators=[RegexValidator(r"^\d{6}$")])
    rodz = models.CharField(max_length=1)
    # Rises with every change of what the gmina's map shows; part of every tile's URL.
    revision = models.PositiveBigIntegerField(default=1)
    two_person_rule = models.BooleanField(default=True)
    contact_name = models.CharField(max_length=100, blank=True)
    contact_phone = models.CharField(max_length=20, blank=True)
    # Addresses, districts and residents are made: every page that shows them says so.
    is_demo = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    # Kinds by TERYT's RODZ; 8 and 9 are Warszawa's districts and delegatury, no gminas.
    KIND_OF_RODZ = {"1": Kind.TOWN, "2": Kind.RURAL, "3": Kind.TOWN_AND_COUNTRY}

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def terc(self) -> str:
        return self.terc6 + self.rodz


class GminaCode(models.Model):
    """A code a gmina had before; registers and files of that time still carry it."""

    gmina = models.ForeignKey(Gmina, on_delete=models.CASCADE, related_name="former_codes")
    terc = models.CharField(max_length=7, unique=True)
    until = models.DateField()


class SignInCounter(models.Model):
    """Failed sign-ins of one key (lockout.py) since the start of its window."""

    key = models.BinaryField(max_length=32, primary_key=True, help_text="keyed hash")
    failures = models.PositiveIntegerField()
    since = models.DateTimeField()


class Membership(models.Model):
    """One role of one user in one gmina; what a role may do is in access.py."""

    class Role(models.TextChoices):
        EDITOR = "editor", _("editor")
        APPROVER = "approver", _("approver")
        CRISIS = "crisis", _("crisis officer")
        GIS = "gis", _("GIS officer")
        ADMIN = "admin", _("administrator")
        HOTLINE = "hotline", _("hotline")
        AUDITOR = "auditor", _("auditor")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    gmina = models.ForeignKey(Gmina, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "gmina", "role"], name="membership_once"),
        ]


class AppKey(models.Model):
    """What a program shows instead of its owner's password and code; see api_keys.py.

    It never allows more than the owner's roles do at that moment.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="app_keys")
    name = models.CharField(max_length=60)
    # None: every gmina in which the owner has a role.
    gmina = models.ForeignKey(Gmina, null=True, on_delete=models.CASCADE, related_name="+")
    may_write = models.BooleanField(default=False)
    secret_hash = models.BinaryField(max_length=32, unique=True, help_text="SHA-256")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
