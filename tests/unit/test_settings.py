"""Settings: their sources, and one clear line for each error."""

from __future__ import annotations

import copy
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import registry
from singer_sdk.exceptions import ConfigValidationError

from tap_voicecalls.providers import PROVIDERS
from tap_voicecalls.providers.vonage import Vonage
from tap_voicecalls.settings.load import load_settings
from tap_voicecalls.settings.schema import settings_schema

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tap_voicecalls.providers.base import Provider

    Settings = dict[str, Any]

SCHEMA = settings_schema(PROVIDERS)
SECRET = "s3cr3t-f0r-n0b0dy"  # noqa: S105 - not a real key
VONAGE = {"api_key": SECRET, "api_secret": SECRET}
GIVEN: Settings = {"start_date": "2026-01-05", "vonage": VONAGE}

each_provider = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda one: one.name)


def load(given: Mapping[str, Any], **environ: str) -> Settings:
    """Load settings; variables are given without their prefix."""
    variables = {f"TAP_VOICECALLS_{name}": text for name, text in environ.items()}
    return load_settings(given, environ=variables, schema=SCHEMA, providers=PROVIDERS)


def errors_of(given: Mapping[str, Any], **environ: str) -> list[str]:
    """Load invalid settings, and return the errors."""
    with pytest.raises(ConfigValidationError) as caught:
        load(given, **environ)
    return caught.value.errors


def with_vonage(**own: Any) -> Settings:  # noqa: ANN401 - a setting is any JSON
    """Return settings whose Vonage object has these settings and its keys."""
    return GIVEN | {"vonage": VONAGE | own}


# Invalid settings ----------------------------------------------------------------------------

MISSING = "`{}` is missing: set it in the configuration, or as TAP_VOICECALLS_{} with --config=ENV"
NAMES = ", ".join(f"`{name}`" for name in registry.NAMES)
A_TIME = "must be a date or a timestamp such as 2026-01-31 or 2026-01-31T00:00:00Z"
SAME_LABEL = (
    "`vonage.accounts[1]` has the same `account` label as an earlier account: '{}'; give each "
    "account a label of its own"
)
AN_ADDRESS = (
    "`vonage.base_url` must be an http:// or https:// address, without credentials, query or "
    "fragment"
)
PRODUCTS = "VOICE-CALL, VOICE-FAILED, VOICE-TTS, IN-APP-VOICE, WEBSOCKET-CALL, ASR, AMD, SIP, TTS"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {"vonage": VONAGE},
            MISSING.format("start_date", "START_DATE"),
        ),
        (
            GIVEN | {"vonage": {"api_key": SECRET}},
            MISSING.format("vonage.api_secret", "VONAGE_API_SECRET"),
        ),
        (
            {"start_date": "2026-01-05"},
            "no provider is configured: add at least one of " + NAMES,
        ),
        (GIVEN | {"start_date": "soon"}, f"`start_date` {A_TIME}"),
        (GIVEN | {"start_date": ""}, f"`start_date` {A_TIME}"),
        (GIVEN | {"start_date": "0001-01-01T00:00+01:00"}, f"`start_date` {A_TIME}"),
        (GIVEN | {"end_date": "2026-13-01"}, f"`end_date` {A_TIME}"),
        (GIVEN | {"end_date": "2026-01-04"}, "`end_date` must not be before `start_date`"),
        (
            GIVEN | {"start_date": "2026-01-05", "end_date": "2026-01-05T00:00:00+00:01"},
            "`end_date` must not be before `start_date`",
        ),
        (GIVEN | {"lookback_hours": -1}, "`lookback_hours` must be at least 0"),
        (GIVEN | {"lookback_hours": "1"}, "`lookback_hours` must be of type number"),
        (GIVEN | {"concurrency": 0}, "`concurrency` must be at least 1"),
        (GIVEN | {"concurrency": 65}, "`concurrency` must be at most 64"),
        (GIVEN | {"concurrency": 1.5}, "`concurrency` must be of type integer"),
        (GIVEN | {"concurrency": True}, "`concurrency` must be of type integer"),
        (GIVEN | {"max_tries": 0}, "`max_tries` must be at least 1"),
        (GIVEN | {"read_timeout": 0}, "`read_timeout` must be more than 0"),
        (GIVEN | {"simulate": "yes"}, "`simulate` must be of type boolean"),
        (with_vonage(api_key=""), "`vonage.api_key` is empty"),
        (
            GIVEN | {"personal_data_key": SECRET[:5]},
            "`personal_data_key` must have at least 16 characters",
        ),
        (with_vonage(api_key=[SECRET]), "`vonage.api_key` must be of type string"),
        (with_vonage(base_url="api.nexmo.com"), AN_ADDRESS),
        (with_vonage(base_url=f"https://{SECRET}@api.nexmo.com"), AN_ADDRESS),
        (with_vonage(account=""), "`vonage.account` is empty"),
        (with_vonage(requests_per_second=0), "`vonage.requests_per_second` must be more than 0"),
        (with_vonage(lookback_hours=-1), "`vonage.lookback_hours` must be at least 0"),
        (with_vonage(products="ASR"), "`vonage.products` must be of type array"),
        (
            with_vonage(products=["ASR", "SMS"]),
            f"`vonage.products[1]` is 'SMS', but must be one of {PRODUCTS}",
        ),
    ],
)
def test_an_invalid_setting_is_one_clear_line(given: Settings, expected: str) -> None:
    """Each error is one line that names the setting and its valid values."""
    assert [expected] == errors_of(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (GIVEN | {"vonage": SECRET}, "`vonage` must be of type object"),
        (GIVEN | {"vonage": [VONAGE]}, "`vonage` must be of type object"),
        (
            {"start_date": "2026-01-05", "simulate": True, "vonage": True},
            "`vonage` must be of type object",
        ),
        (GIVEN | {"start_date": 20260105}, "`start_date` must be of type string"),
        (GIVEN | {"config_file": 5}, "`config_file` must be of type string"),
    ],
)
def test_a_setting_of_a_wrong_type_is_one_clear_line(given: Settings, expected: str) -> None:
    """A value of a wrong type is never a traceback."""
    assert [expected] == errors_of(given)


def test_a_wrong_type_is_reported_once() -> None:
    """An address that is a number does not also fail the check of its format."""
    assert errors_of(with_vonage(base_url=5)) == ["`vonage.base_url` must be of type string"]


@pytest.mark.parametrize("text", ["NaN", "Infinity"])
def test_nan_and_infinity_are_rejected(text: str) -> None:
    """Otherwise they cause a traceback in each stream."""
    assert len(errors_of(GIVEN, LOOKBACK_HOURS=text)) == 1


def test_an_unknown_setting_lists_the_known_ones() -> None:
    """An unknown name in a provider's object is an error, without its value."""
    (line,) = errors_of(with_vonage(webhook=SECRET))

    assert line.startswith("`vonage` has no setting 'webhook'; it has api_key, api_secret, ")


def test_all_errors_are_reported_at_once() -> None:
    """Three errors need one run to find, not three."""
    lines = errors_of({"concurrency": 0, "vonage": {"api_key": SECRET}})

    assert len(lines) == 3
    assert {"`concurrency`", "`start_date`", "`vonage.api_secret`"} == {
        line.split()[0] for line in lines
    }


@each_provider
def test_each_key_is_required_and_marked_secret(provider: type[Provider]) -> None:
    """Meltano and `--about` hide secret settings."""
    fields = SCHEMA["properties"][provider.name]["properties"]
    secret = {name for name, field in fields.items() if field.get("secret")}

    assert {*provider.secrets, "accounts"} == secret
    lines = errors_of(GIVEN | {provider.name: {}})
    if provider.key_sets:
        assert all(f"`{provider.name}.{name}`" in lines[0] for name in provider.secrets)
    else:
        assert [f"`{provider.name}.{name}`" for name in provider.secrets] == [
            line.split()[0] for line in lines
        ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(json.dumps({"vonage": VONAGE}), id="a whole file, too long"),
        pytest.param(f'{{"api_key": "{SECRET}"', id="cut"),
        pytest.param(json.dumps({"api_key": [SECRET], "api_secret": ""}), id="wrong types"),
        pytest.param(json.dumps({**VONAGE, "base_url": f"https://u:{SECRET}@x"}), id="address"),
        pytest.param(json.dumps({**VONAGE, "api_keys": SECRET}), id="misspelt"),
    ],
)
def test_no_error_quotes_a_secret(text: str, tmp_path: Path) -> None:
    """Whatever is invalid, the key is not in the log."""
    file = tmp_path / "secret.json"
    file.write_text(f'{{"vonage": {text}}}', encoding="utf-8")
    start = {"start_date": "2026-01-05"}

    lines = errors_of(start, VONAGE=text) + errors_of(start | {"config_file": str(file)})

    assert SECRET not in "".join(lines)


def test_the_exception_contains_all_errors() -> None:
    """A caller that only prints the exception shows everything."""
    with pytest.raises(ConfigValidationError, match=r"`start_date` is missing.*; no provider"):
        load({})


# Accounts ------------------------------------------------------------------------------------


def test_accounts_override_the_settings_of_their_provider() -> None:
    """A setting that an account omits has the value of the provider, not the default."""
    loaded = load(
        with_vonage(
            products=["ASR"], accounts=[{"account": "one"}, {"account": "two", "api_key": "k"}]
        )
    )

    one, two = Vonage.account_settings(loaded["vonage"])
    assert (one["account"], one["api_key"], one["products"]) == ("one", SECRET, ["ASR"])
    assert (two["account"], two["api_key"], two["products"]) == ("two", "k", ["ASR"])
    assert "accounts" not in one | two


def test_without_accounts_there_is_one() -> None:
    """A provider without `accounts` has one account with the label `default`."""
    (only,) = Vonage.account_settings(load(GIVEN)["vonage"])

    assert (only["account"], only["api_key"]) == ("default", SECRET)


def test_each_account_may_have_its_own_keys() -> None:
    """The provider needs no keys if each account has them."""
    accounts = [VONAGE | {"account": "one"}, VONAGE | {"account": "two"}]

    loaded = load(GIVEN | {"vonage": {"accounts": accounts}})

    assert [own["api_secret"] for own in Vonage.account_settings(loaded["vonage"])] == [
        SECRET,
        SECRET,
    ]


@pytest.mark.parametrize(
    ("accounts", "expected"),
    [
        ([], "`vonage.accounts` is empty; list at least one item, or omit it"),
        ({}, "`vonage.accounts` must be of type array"),
        ([SECRET], "`vonage.accounts[0]` must be of type object"),
        ([None], "`vonage.accounts[0]` must be of type object"),
        ([{"account": "one"}, {"api_key": ""}], "`vonage.accounts[1].api_key` is empty"),
        (
            [{"account": "one"}, {"account": "one"}],
            SAME_LABEL.format("one"),
        ),
        (
            [{}, {}],
            SAME_LABEL.format("default"),
        ),
    ],
)
def test_an_invalid_account_is_one_clear_line(accounts: object, expected: str) -> None:
    """The error names the account by its position."""
    assert [expected] == errors_of(with_vonage(accounts=accounts))


def test_a_missing_key_of_an_account_is_an_error() -> None:
    """It is reported before the run, not by the provider's rejection."""
    accounts = [VONAGE | {"account": "one"}, {"account": "two", "api_key": SECRET}]

    assert errors_of(GIVEN | {"vonage": {"accounts": accounts}}) == [
        "`vonage.accounts[1]` has no `api_secret`; set it there, or in `vonage` for all"
    ]


# Defaults ------------------------------------------------------------------------------------


def test_defaults_are_filled_in() -> None:
    """Keys and a start date are enough; all other settings have documented defaults."""
    loaded = load(GIVEN)

    assert {name: loaded[name] for name in loaded if name not in GIVEN} == {
        "lookback_hours": 24,
        "concurrency": 8,
        "max_tries": 8,
        "max_retry_seconds": 900,
        "connect_timeout": 10,
        "read_timeout": 120,
        "personal_data": "keep",
        "use_singer_decimal": False,
        "simulate": False,
    }
    assert loaded["vonage"] == VONAGE | {
        "products": ["VOICE-CALL", "VOICE-FAILED", "VOICE-TTS"],
        "mode": "auto",
        "report_timeout_hours": 6,
        "base_url": "https://api.nexmo.com",
        "account": "default",
        "requests_per_second": 10,
    }


@each_provider
def test_defaults_do_not_enable_a_provider(provider: type[Provider]) -> None:
    """Only providers whose object is present are read."""
    keys = dict.fromkeys(provider.required_keys()[0], SECRET)

    loaded = load({"start_date": "2026-01-05", provider.name: keys})

    assert {provider.name} == loaded.keys() & {one.name for one in PROVIDERS}


def test_null_settings_count_as_missing() -> None:
    """Meltano passes unset settings as null; they get defaults, and enable no provider."""
    loaded = load(
        with_vonage(base_url=None, requests_per_second=None, products=None)
        | {"end_date": None, "concurrency": None, "voicy": None}
    )

    assert load(GIVEN) == loaded


def test_a_null_root_stores_nothing() -> None:
    """Meltano passes the unset settings of an object as null, too."""
    loaded = load(GIVEN | {"recordings": {"root": None, "max_mb": Decimal(500)}})

    assert loaded["recordings"] == {"max_mb": 500}


@pytest.mark.parametrize(
    ("recordings", "line"),
    [
        ({"root": ""}, "`recordings.root` is empty"),
        ({"root": "/r", "max_mb": 0}, "`recordings.max_mb` must be more than 0"),
        ({"rot": "/r"}, "`recordings` has no setting 'rot'; did you mean `root`?"),
        ({"root": "nowhere://r"}, "`recordings.root` cannot be used: Protocol not known: nowhere"),
        ("/r", "`recordings` must be of type object"),
    ],
)
def test_wrong_archives(recordings: object, line: str) -> None:
    """An archive that cannot work is told before the first request."""
    assert errors_of(GIVEN | {"recordings": recordings}) == [line]


def test_a_null_key_is_missing() -> None:
    """A null key is an error; it is not sent."""
    (line,) = errors_of(with_vonage(api_key=None))

    assert line.startswith("`vonage.api_key` is missing")


def test_nulls_from_the_environment_count_as_missing() -> None:
    """JSON in a variable is treated like JSON in a file."""
    text = json.dumps({**VONAGE, "base_url": None})

    assert load(GIVEN) == load({"start_date": "2026-01-05"}, VONAGE=text)


def test_exact_decimals_become_floats() -> None:
    """The SDK reads fractions as decimals, which do not mix with floats."""
    loaded = load(GIVEN | {"lookback_hours": Decimal("1.5")})

    assert (float, 1.5) == (type(loaded["lookback_hours"]), loaded["lookback_hours"])


def test_the_given_settings_are_not_changed() -> None:
    """The caller's object gets no defaults and no simulated keys."""
    given = {"start_date": "2026-01-05", "simulate": True, "vonage": {}, "voicy": {}}
    before = copy.deepcopy(given)

    load(given, VOICY_ACCOUNT="one")

    assert before == given


# The simulator -------------------------------------------------------------------------------


@each_provider
@pytest.mark.parametrize("value", [..., None, ""])
def test_a_simulated_provider_needs_no_keys(provider: type[Provider], value: object) -> None:
    """`simulate` and an empty object are enough, for each provider."""
    keys = provider.required_keys()[0]
    own = {} if value is ... else {keys[-1]: value}
    loaded = load({"start_date": "2026-01-05", "simulate": True, provider.name: own})

    assert all(loaded[provider.name][name] for name in keys)


def test_a_simulated_run_keeps_given_keys() -> None:
    """Switching `simulate` on and off does not change other settings."""
    assert load(GIVEN | {"simulate": True})["vonage"] == load(GIVEN)["vonage"]


def test_simulate_from_the_environment_needs_no_keys() -> None:
    """Keys are filled in after all sources were read."""
    loaded = load({"start_date": "2026-01-05", "vonage": {}}, SIMULATE="true")

    assert loaded["vonage"]["api_secret"]


def test_without_simulate_keys_are_required() -> None:
    """`simulate: false` does not fill in keys."""
    assert len(errors_of({"start_date": "2026-01-05", "simulate": False, "vonage": {}})) == 2


# The environment -----------------------------------------------------------------------------


def test_nested_settings_come_from_the_environment() -> None:
    """Variables alone can configure a provider, with the names that Meltano uses."""
    loaded = load(
        {}, START_DATE="2026-01-05", VONAGE_API_KEY="0123", VONAGE_API_SECRET=json.dumps([SECRET])
    )

    assert loaded["vonage"]["api_key"] == "0123"
    assert json.dumps([SECRET]) == loaded["vonage"]["api_secret"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("SIMULATE", "true", True),
        ("SIMULATE", "True", True),
        ("SIMULATE", "1", True),
        ("SIMULATE", "on", True),
        ("SIMULATE", "false", False),
        ("SIMULATE", "0", False),
        ("SIMULATE", "no", False),
        ("CONCURRENCY", "3", 3),
        ("LOOKBACK_HOURS", "1.5", 1.5),
        ("END_DATE", "2026-02-01", "2026-02-01"),
    ],
)
def test_values_from_the_environment_have_their_type(
    name: str, text: str, expected: object
) -> None:
    """The text of a boolean or a number is converted, so "false" is not true."""
    loaded = load(GIVEN, **{name: text})[name.lower()]

    assert (type(expected), expected) == (type(loaded), loaded)


@pytest.mark.parametrize("text", ["SIP,TTS", "SIP, TTS", '["SIP", "TTS"]', ' ["SIP","TTS"]'])
def test_arrays_come_from_the_environment(text: str) -> None:
    """A list may be separated by commas, or be JSON, as Meltano writes it."""
    assert load(GIVEN, VONAGE_PRODUCTS=text)["vonage"]["products"] == ["SIP", "TTS"]


def test_single_variables_override_an_object_variable() -> None:
    """Single variables complete and override an object in JSON."""
    loaded = load(
        {"start_date": "2026-01-05"},
        VONAGE=json.dumps({"api_key": "object", "account": "object"}),
        VONAGE_API_KEY="single",
        VONAGE_API_SECRET="single",  # noqa: S106 - not a real key
    )

    own = loaded["vonage"]
    assert (own["api_key"], own["api_secret"], own["account"]) == ("single", "single", "object")


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("CONCURRENCY", "many", "integer"),
        ("SIMULATE", "perhaps", "boolean"),
        ("VONAGE", "api_key=1", "object"),
        ("VONAGE_PRODUCTS", "[SIP", "array"),
        ("VONAGE_REQUESTS_PER_SECOND", "ten", "number"),
    ],
)
def test_an_invalid_variable_is_named(name: str, text: str, kind: str) -> None:
    """The error contains the name of the variable, where the user must fix it."""
    expected = f"the environment variable TAP_VOICECALLS_{name} must hold a JSON {kind}"
    assert [expected] == errors_of(GIVEN, **{name: text})


def test_an_object_variable_must_hold_an_object() -> None:
    """A number in place of an object is an error, even if single variables are set."""
    (line,) = errors_of({"start_date": "2026-01-05"}, VONAGE="5", VONAGE_API_KEY=SECRET)

    assert "TAP_VOICECALLS_VONAGE" in line or "`vonage`" in line


def test_an_empty_variable_counts_as_missing() -> None:
    """`TAP_VOICECALLS_END_DATE=` in a .env file has no effect."""
    assert load(GIVEN) == load(GIVEN, END_DATE="", VONAGE_API_KEY="", VOICY="")


# The file ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (("file",), "file"),
        (("given",), "given"),
        (("file", "given"), "given"),
        (("file", "environment"), "environment"),
        (("given", "environment"), "environment"),
        (("file", "given", "environment"), "environment"),
    ],
)
def test_later_sources_override_earlier_ones(
    sources: tuple[str, ...], expected: str, tmp_path: Path
) -> None:
    """The configuration overrides the file, and the environment overrides both."""
    file = tmp_path / "more.json"
    own = {"account": "file"} if "file" in sources else {}
    file.write_text(json.dumps({"vonage": own}), encoding="utf-8")
    given = with_vonage(**({"account": "given"} if "given" in sources else {}))
    environ = {"VONAGE_ACCOUNT": "environment"} if "environment" in sources else {}

    loaded = load(given | {"config_file": str(file)}, **environ)

    assert expected == loaded["vonage"]["account"]
    assert VONAGE.items() <= loaded["vonage"].items()


def test_the_file_may_come_from_the_environment(tmp_path: Path) -> None:
    """`TAP_VOICECALLS_CONFIG_FILE` alone is a complete configuration."""
    file = tmp_path / "all.json"
    file.write_text(json.dumps(GIVEN | {"voicy": None}), encoding="utf-8")

    loaded = load({}, CONFIG_FILE=str(file))

    assert load(GIVEN) | {"config_file": str(file)} == loaded


def test_a_null_does_not_override_the_file(tmp_path: Path) -> None:
    """Meltano passes unset settings as null; the file's value is used."""
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"concurrency": 3}), encoding="utf-8")

    assert load(GIVEN | {"config_file": str(file), "concurrency": None})["concurrency"] == 3


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            "{",
            (
                "is not valid JSON: line 1, column 2: "
                "Expecting property name enclosed in double quotes"
            ),
        ),
        (
            '{"a": 1,\n  b}',
            (
                "is not valid JSON: line 2, column 3: "
                "Expecting property name enclosed in double quotes"
            ),
        ),
        ("", "is empty: it must hold a JSON object"),
        (" \n", "is empty: it must hold a JSON object"),
        ("\x00", "is not valid JSON: line 1, column 1: Expecting value"),
        ("[1]", "must hold a JSON object, not a list"),
        ("null", "must hold a JSON object, not null"),
        ("1", "must hold a JSON object, not a single value"),
        ('{"a": NaN}', "is not usable JSON: a number in it cannot be read"),
        ("[" * 100_000, "is not usable JSON: it is nested too deeply"),
    ],
)
def test_an_invalid_file_is_named(content: str, expected: str, tmp_path: Path) -> None:
    """The error contains the path of the file, but none of its content."""
    file = tmp_path / "broken.json"
    file.write_text(content, encoding="utf-8")

    assert [f"`config_file`: {file} {expected}"] == errors_of({"config_file": str(file)})


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A wrong path is one clear line with the reason of the system."""
    file = tmp_path / "none.json"

    expected = f"`config_file`: {file} cannot be read: No such file or directory"
    assert [expected] == errors_of({"config_file": str(file)})


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("{}".encode("utf-16"), "is UTF-16 text: save it as UTF-8"),
        (b'{"a": "\xe9"}', "is not UTF-8 text: line 1, column 8; save it as UTF-8"),
    ],
)
def test_a_file_in_another_encoding_is_named(content: bytes, expected: str, tmp_path: Path) -> None:
    """PowerShell's `>` writes UTF-16; the error says how to fix it."""
    file = tmp_path / "binary.json"
    file.write_bytes(content)

    assert [f"`config_file`: {file} {expected}"] == errors_of({"config_file": str(file)})


def test_a_byte_order_mark_is_ignored(tmp_path: Path) -> None:
    """Editors on Windows write one at the start of UTF-8 files."""
    file = tmp_path / "marked.json"
    file.write_text(json.dumps(GIVEN), encoding="utf-8-sig")

    assert load(GIVEN) | {"config_file": str(file)} == load({"config_file": str(file)})


# Keys ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("around", ["\n", "\r\n", "\t ", "\u00a0"])
@pytest.mark.parametrize("source", ["given", "account", "environment", "file"])
def test_white_space_around_a_key_is_stripped(around: str, source: str, tmp_path: Path) -> None:
    """A secret made with `echo` ends in a newline, which headers cannot contain."""
    key = around + SECRET + around
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"vonage": {"api_key": key}}), encoding="utf-8")
    start: Settings = {"start_date": "2026-01-05", "vonage": {"api_secret": SECRET}}
    match source:
        case "given":
            loaded = load(with_vonage(api_key=key))
        case "account":
            loaded = load(with_vonage(accounts=[{"api_key": key}]))
        case "environment":
            loaded = load(start, VONAGE_API_KEY=key)
        case _:
            loaded = load(start | {"config_file": str(file)})

    (account,) = Vonage.account_settings(loaded["vonage"])
    assert account["api_key"] == SECRET


def test_white_space_around_an_address_is_stripped() -> None:
    """A pasted address may end in a newline."""
    loaded = load(with_vonage(base_url=" https://vonage.example\n"))

    assert loaded["vonage"]["base_url"] == "https://vonage.example"


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\n", "U+000A"),
        ("\0", "U+0000"),
        ("\x1b", "U+001B"),
        (" ", "U+0020"),
        ("\u00a0", "U+00A0"),
        ("\u200b", "U+200B"),
        ("\u201c", "U+201C"),
        ("\U0001f511", "U+1F511"),
    ],
)
def test_an_invalid_character_in_a_key_is_rejected(character: str, shown: str) -> None:
    """The error names the setting and the character, but not the key."""
    wrong = SECRET[:4] + character + SECRET[4:]
    reason = (
        f"contains a character that is never part of a key ({shown}); "
        "copy the key again from the provider's page"
    )

    assert errors_of(with_vonage(api_secret=wrong)) == [f"`vonage.api_secret` {reason}"]
    assert errors_of(with_vonage(accounts=[{"account": "one"}, {"api_key": wrong}])) == [
        f"`vonage.accounts[1].api_key` {reason}"
    ]


def test_a_key_of_white_space_is_empty() -> None:
    """A secret made from an empty variable is reported before the run."""
    assert errors_of(with_vonage(api_key=" \n")) == ["`vonage.api_key` is empty"]


# Unknown settings ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (GIVEN | {"burky": {}}, "there is no setting 'burky'; did you mean `burki`?"),
        (
            GIVEN | {"lookback_hour": 1},
            "there is no setting 'lookback_hour'; did you mean `lookback_hours`?",
        ),
        (
            GIVEN | {"Start_Date": "2026-01-01"},
            "there is no setting 'Start_Date'; did you mean `start_date`?",
        ),
        (
            with_vonage(product=["ASR"]),
            "`vonage` has no setting 'product'; did you mean `products`?",
        ),
        (
            with_vonage(accounts=[{"api_kee": SECRET}]),
            "`vonage.accounts[0]` has no setting 'api_kee'; did you mean `api_key`?",
        ),
        (
            GIVEN | {"only": {"provder": 1}},
            "`only` has no setting 'provder'; did you mean `provider`?",
        ),
    ],
)
def test_a_misspelled_setting_has_a_suggestion(given: Settings, expected: str) -> None:
    """A silently ignored setting would read other calls than the user wants."""
    assert errors_of(given) == [expected]


def test_an_unknown_name_is_shown_in_one_line() -> None:
    """A name may contain any character, but must not start a new line of the log."""
    (line,) = errors_of(GIVEN | {"x\nERROR \x1b[31m" + "y" * 90: 1})

    shown = r"'x\nERROR \x1b[31m" + "y" * 26 + "…'"
    assert line.startswith(f"there is no setting {shown}; there are start_date, end_date, ")


def test_an_unprintable_label_is_rejected() -> None:
    """Labels are in the log, and must not start a new line."""
    assert errors_of(with_vonage(accounts=[{"account": "a\nERROR b"}])) == [
        r"`vonage.accounts[0].account` is 'a\nERROR b', but must be printable"
    ]
