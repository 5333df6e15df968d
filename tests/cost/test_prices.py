"""Prices have a day, a source and Regions, and are never guessed."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from secure_ddb.cloudformation import kinds
from secure_ddb.cloudformation.values import REGION as NO_REGION
from secure_ddb.cost.catalogue import PRICED
from secure_ddb.cost.prices import UnknownRegionError, load_prices

ROOT = Path(__file__).parents[2]
PRICES = load_prices()
REGIONS = ["eu-central-1", "eu-west-1", "us-east-1"]


def test_they_are_of_a_day_and_say_where_they_were_read() -> None:
    assert date(2025, 1, 1) < PRICES.day
    assert PRICES.read_from.startswith("https://")
    assert PRICES.regions == REGIONS


@pytest.mark.parametrize("name", PRICES.by_name)
def test_each_has_a_source_and_all_regions_or_none(name: str) -> None:
    price = PRICES.by_name[name]
    assert price.source.startswith(("https://aws.amazon.com/", "https://b0.p.awsstatic.com/pricing/"))
    assert price.what
    assert price.unit
    assert sorted(price.regions) in ([], REGIONS)
    assert all(amount > 0 for amount in price.regions.values())
    # A price that was read says how it is listed and of when it is.
    assert bool(price.regions) == bool(price.listed_as) == bool(price.published)
    assert not price.published or date.fromisoformat(price.published) <= PRICES.day


def test_the_document_names_each_price_and_each_type_that_has_one() -> None:
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert str(PRICES.day) in page
    assert [name for name in PRICES.by_name if f"`{name}`" not in page] == []
    assert [kind for kind in sorted(PRICED) if f"`{kind}`" not in page] == []
    assert kinds.KEY in PRICED


def test_a_region_without_prices_is_refused_with_those_that_have_some() -> None:
    with pytest.raises(
        UnknownRegionError, match=r"no prices for the Region ap-south-1; .* eu-central-1, eu-west-1, us-"
    ):
        PRICES.require("ap-south-1")
    with pytest.raises(UnknownRegionError, match="does not say its Region"):
        PRICES.require(NO_REGION)


def test_another_region_stands_in_only_for_regions_without_prices() -> None:
    prices = load_prices(instead="us-east-1")
    prices.require("ap-south-1")
    assert prices.find("table_storage", "ap-south-1") == prices.find("table_storage", "us-east-1") == 0.25
    assert prices.find("table_storage", "eu-central-1") == 0.306


def test_a_price_that_was_not_found_is_not_known() -> None:
    assert PRICES.find("backup_cold_storage", "us-east-1") is None


@pytest.mark.parametrize(("days", "old"), [(180, False), (181, True)])
def test_prices_grow_old(days: int, old: bool) -> None:  # noqa: FBT001
    today = PRICES.day + timedelta(days=days)
    assert (PRICES.days_old(today), PRICES.are_old(today)) == (days, old)
