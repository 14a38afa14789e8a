"""The fixtures of the local Segment: its workspace, spaces and warehouses after a start or a reset."""

from dataclasses import dataclass

from pydantic import JsonValue

from bot.sandbox.segment.catalog import find_warehouse_type
from bot.sandbox.segment.records import Collection, SelectiveSync, Warehouse, split_secrets


@dataclass(frozen=True)
class NamedResource:
    """A workspace or a space: an id, a slug and a name."""

    id: str
    slug: str
    name: str

    def to_json(self) -> dict[str, JsonValue]:
        """Convert to the API's JSON."""
        return {"id": self.id, "slug": self.slug, "name": self.name}


@dataclass(frozen=True)
class _WarehouseFixture:
    space: NamedResource
    id: str
    name: str
    slug: str
    schema: str
    settings: dict[str, JsonValue]
    enabled: bool = True
    returns_ciphertext: bool = False
    event_tables_enabled: bool = True
    secret_key: str | None = "password"  # noqa: S105 - the name of a setting


WORKSPACE = NamedResource("YdkGnUgjUWhqqRda5Tpsin", "acme", "Acme")
PRODUCTION = NamedResource("jDReNXTo5faeNsacSbUT3e", "prod", "Production")
STAGING = NamedResource("vLkiaULK45wsKgpkv4MJUC", "staging", "Staging")
SPACES = (PRODUCTION, STAGING)


def _snowflake_settings(account: str, user: str, database: str) -> dict[str, JsonValue]:
    return {
        "account": account,
        "auth_type": "password_auth",
        "username": user,
        "warehouse": "SEGMENT_WAREHOUSE",
        "database": database,
    }


def _server_settings(hostname: str, port: str, database: str) -> dict[str, JsonValue]:
    return {"hostname": hostname, "port": port, "database": database, "username": "segment"}


_DATABRICKS: dict[str, JsonValue] = {
    "hostname": "adb-ml.databricks.example.com",
    "http_path": "/sql/1.0/warehouses/0f9e8d7c",
    "port": "443",
    "catalog": "ml_features",
    "client_id": "8c1f6e0a-segment-sync",
}

_WAREHOUSES = (
    _WarehouseFixture(
        PRODUCTION,
        "ECKA2KrKeEvT8RM16mss4s",
        "prod-snowflake",
        "snowflake",
        "profiles_prod",
        _snowflake_settings("acme-prod.us-east-1", "SEGMENT_USER", "SEGMENT_PROFILES"),
    ),
    _WarehouseFixture(
        PRODUCTION,
        "Skq3Yo1yZefqh2sVpocLwD",
        "finance-snowflake",
        "snowflake",
        "profiles_finance",
        _snowflake_settings("acme-finance.eu-west-1", "SEGMENT_FINANCE", "FINANCE_PROFILES"),
    ),
    _WarehouseFixture(
        PRODUCTION,
        "ygwsb7aYx3QhcmArmgTXHw",
        "legacy-redshift",
        "redshift",
        "profiles_legacy",
        _server_settings("legacy.redshift.example.com", "5439", "legacy"),
        enabled=False,
        returns_ciphertext=True,
    ),
    _WarehouseFixture(
        PRODUCTION,
        "zUaZeomV31crkHmwNu2zps",
        "analytics-redshift",
        "redshift",
        "profiles_analytics",
        _server_settings("analytics.redshift.example.com", "5439", "analytics"),
    ),
    _WarehouseFixture(
        PRODUCTION,
        "TpYxHCjVfEBSC5piwpfUzv",
        "crm-postgres",
        "postgres",
        "profiles_crm",
        _server_settings("crm.postgres.example.com", "5432", "crm"),
    ),
    _WarehouseFixture(
        PRODUCTION,
        "o39CK5tyJvzN5okV4RVUj9",
        "support-postgres",
        "postgres",
        "profiles_support",
        _server_settings("support.postgres.example.com", "5432", "support"),
        returns_ciphertext=True,
        event_tables_enabled=False,
    ),
    _WarehouseFixture(
        PRODUCTION,
        "C3UDRiRfygqPFy2caENpqn",
        "marketing-bigquery",
        "bigquery",
        "profiles_marketing",
        {"gc-project": "acme-marketing", "location": "EU", "credential_id": "wc_4Yt2mKpQ"},
        secret_key=None,
    ),
    _WarehouseFixture(PRODUCTION, "XGUMW8prdpQ3Evv7L6PQjy", "ml-databricks", "databricks", "profiles_ml", _DATABRICKS),
    _WarehouseFixture(
        STAGING,
        "pK4kzKjx6DkFx6dd2tY9vs",
        "staging-snowflake",
        "snowflake",
        "profiles_staging",
        _snowflake_settings("acme-staging.us-east-1", "SEGMENT_USER", "SEGMENT_STAGING"),
    ),
    _WarehouseFixture(
        STAGING,
        "LPwFELwgjQYkbRFgCCn9XH",
        "staging-postgres",
        "postgres",
        "profiles_staging_pg",
        _server_settings("staging.postgres.example.com", "5432", "staging"),
    ),
)


def get_fixture_secret(warehouse: str) -> str:
    """Return the password of the fixture with this name; tests check that it never appears in Slack."""
    return f"declared-password-of-{warehouse}"


def build_selective_sync(*, event_tables_enabled: bool = True) -> SelectiveSync:
    """Build the selective sync of a new warehouse."""
    return SelectiveSync(
        event_tables_enabled,
        {
            "tracks": Collection(enabled=True, properties={"context_ip": True, "event": True}),
            "identifies": Collection(enabled=True, properties={"email": True, "plan": True}),
            "pages": Collection(enabled=False, properties={"path": True, "referrer": False}),
        },
    )


def build_warehouses() -> list[Warehouse]:
    """Build new copies of the warehouses of the fixtures."""
    return [_build_warehouse(fixture) for fixture in _WAREHOUSES]


def _build_warehouse(fixture: _WarehouseFixture) -> Warehouse:
    warehouse_type = find_warehouse_type(fixture.slug)
    secret: dict[str, JsonValue] = {fixture.secret_key: get_fixture_secret(fixture.name)} if fixture.secret_key else {}
    settings, secrets = split_secrets(warehouse_type, fixture.settings | secret)
    return Warehouse(
        id=fixture.id,
        space_id=fixture.space.id,
        type=warehouse_type,
        name=fixture.name,
        enabled=fixture.enabled,
        schema_name=fixture.schema,
        settings=settings,
        secrets=secrets,
        selective_sync=build_selective_sync(event_tables_enabled=fixture.event_tables_enabled),
        returns_ciphertext=fixture.returns_ciphertext,
    )
