"""Profile Customer Information: what is stored of a customer, told to the backend and cleared for it."""

from profiles.customer_information.profile import CustomerInformationProfile

__all__ = ["CustomerInformationProfile"]
