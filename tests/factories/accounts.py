"""People, plans and accounts."""

from typing import Any

import factory
from allauth.account.models import EmailAddress
from factory.django import DjangoModelFactory

from accounts.models import Account, Contact, Product, SupportPartner, SupportPlan, User

PASSWORD = "a-long-test-password"


class UserFactory(DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"person{n}@people.example")
    display_name = factory.Sequence(lambda n: f"Person {n}")
    password = factory.django.Password(PASSWORD)

    @factory.post_generation
    def verified(self, create: bool, extracted: bool | None, **_kwargs: Any) -> None:
        if create and extracted is not False:
            EmailAddress.objects.create(user=self, email=self.email, verified=True, primary=True)


class SupportPlanFactory(DjangoModelFactory[SupportPlan]):
    class Meta:
        model = SupportPlan
        django_get_or_create = ("code",)

    code = "standard"
    name = factory.LazyAttribute(lambda plan: plan.code.title())
    s1_minutes, s2_minutes, s3_minutes, s4_minutes = 240, 480, 960, 1440
    authorized_contact_limit = 2


class SupportPartnerFactory(DjangoModelFactory[SupportPartner]):
    class Meta:
        model = SupportPartner
        django_get_or_create = ("code",)

    code = "bmc"
    name = "BMC"
    support_url = "https://support.bmc.example/"


class ProductFactory(DjangoModelFactory[Product]):
    class Meta:
        model = Product
        django_get_or_create = ("code",)

    code = "integration-cloud"
    name = "Integration Cloud"


class AccountFactory(DjangoModelFactory[Account]):
    class Meta:
        model = Account

    name = factory.Sequence(lambda n: f"Company {n}")
    plan = factory.SubFactory(SupportPlanFactory)


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    account = factory.SubFactory(AccountFactory)
    user = factory.SubFactory(UserFactory)
