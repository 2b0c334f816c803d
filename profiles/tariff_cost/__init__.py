"""Profile Tariff and Cost: what charging costs, told to the driver; other documents call it Pricing."""

from profiles.tariff_cost.profile import TariffCostProfile

__all__ = ["TariffCostProfile"]
