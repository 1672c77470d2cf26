import pytest

from lib.colour import Colour, contrast, mixed


@pytest.mark.parametrize("text", ["#000000", "#ffffff", "#0a6678", "#ffff00", "#39ff14", "#c2185b", "#abc"])
def test_a_colour_survives_the_way_to_oklch_and_back(text: str) -> None:
    full = text if len(text) == 7 else "#" + "".join(digit * 2 for digit in text[1:])
    assert Colour.parse(text).hex == full


def test_contrast_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.478, abs=0.001)
    assert contrast("#0a6678", "#0a6678") == 1


def test_a_lightness_that_no_screen_shows_at_this_chroma_keeps_its_hue() -> None:
    neon = Colour.parse("#39ff14")
    darker = Colour.parse(neon.at(0.35).hex)
    assert darker.lightness == pytest.approx(0.35, abs=0.01)
    assert darker.hue == pytest.approx(neon.hue, abs=0.05)
    assert darker.chroma < neon.chroma


def test_mixing_is_that_of_color_mix() -> None:
    assert mixed("#ffffff", 0.25, "#000000") == "#404040"


@pytest.mark.parametrize("text", ["", "red", "#12", "#1234567", "#ggg", "0a6678", "#0a6678; }", "#0a66\n78"])
def test_what_is_no_hex_colour_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no colour"):
        Colour.parse(text)
