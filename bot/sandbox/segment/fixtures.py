"""The declared world: what the local Segment holds before anyone changes it."""

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
        """It in the API's shape."""
        return {"id": self.id, "slug": self.slug, "name": self.name}


@dataclass(frozen=True)
class _Declared:
    space: NamedResource
    id: str
    name: str
    slug: str
    schema: str
    settings: dict[str, JsonValue]
    enabled: bool = True
    older: bool = False
    event_tables: bool = True
    secret: str | None = "password"  # noqa: S105 - the name of the setting that holds it


WORKSPACE = NamedResource("YdkGnUgjUWhqqRda5Tpsin", "acme", "Acme")
PRODUCTION = NamedResource("jDReNXTo5faeNsacSbUT3e", "prod", "Production")
STAGING = NamedResource("vLkiaULK45wsKgpkv4MJUC", "staging", "Staging")
SPACES = (PRODUCTION, STAGING)


def _snowflake(account: str, user: str, database: str) -> dict[str, JsonValue]:
    return {
        "account": account,
        "auth_type": "password_auth",
        "username": user,
        "warehouse": "SEGMENT_WAREHOUSE",
        "database": database,
    }


def _server(hostname: str, port: str, database: str) -> dict[str, JsonValue]:
    return {"hostname": hostname, "port": port, "database": database, "username": "segment"}


_DATABRICKS: dict[str, JsonValue] = {
    "hostname": "adb-ml.databricks.example.com",
    "http_path": "/sql/1.0/warehouses/0f9e8d7c",
    "port": "443",
    "catalog": "ml_features",
    "client_id": "8c1f6e0a-segment-sync",
}

_WAREHOUSES = (
    _Declared(
        PRODUCTION,
        "ECKA2KrKeEvT8RM16mss4s",
        "prod-snowflake",
        "snowflake",
        "profiles_prod",
        _snowflake("acme-prod.us-east-1", "SEGMENT_USER", "SEGMENT_PROFILES"),
    ),
    _Declared(
        PRODUCTION,
        "Skq3Yo1yZefqh2sVpocLwD",
        "finance-snowflake",
        "snowflake",
        "profiles_finance",
        _snowflake("acme-finance.eu-west-1", "SEGMENT_FINANCE", "FINANCE_PROFILES"),
    ),
    _Declared(
        PRODUCTION,
        "ygwsb7aYx3QhcmArmgTXHw",
        "legacy-redshift",
        "redshift",
        "profiles_legacy",
        _server("legacy.redshift.example.com", "5439", "legacy"),
        enabled=False,
        older=True,
    ),
    _Declared(
        PRODUCTION,
        "zUaZeomV31crkHmwNu2zps",
        "analytics-redshift",
        "redshift",
        "profiles_analytics",
        _server("analytics.redshift.example.com", "5439", "analytics"),
    ),
    _Declared(
        PRODUCTION,
        "TpYxHCjVfEBSC5piwpfUzv",
        "crm-postgres",
        "postgres",
        "profiles_crm",
        _server("crm.postgres.example.com", "5432", "crm"),
    ),
    _Declared(
        PRODUCTION,
        "o39CK5tyJvzN5okV4RVUj9",
        "support-postgres",
        "postgres",
        "profiles_support",
        _server("support.postgres.example.com", "5432", "support"),
        older=True,
        event_tables=False,
    ),
    _Declared(
        PRODUCTION,
        "C3UDRiRfygqPFy2caENpqn",
        "marketing-bigquery",
        "bigquery",
        "profiles_marketing",
        {"gc-project": "acme-marketing", "location": "EU", "credential_id": "wc_4Yt2mKpQ"},
        secret=None,
    ),
    _Declared(PRODUCTION, "XGUMW8prdpQ3Evv7L6PQjy", "ml-databricks", "databricks", "profiles_ml", _DATABRICKS),
    _Declared(
        STAGING,
        "pK4kzKjx6DkFx6dd2tY9vs",
        "staging-snowflake",
        "snowflake",
        "profiles_staging",
        _snowflake("acme-staging.us-east-1", "SEGMENT_USER", "SEGMENT_STAGING"),
    ),
    _Declared(
        STAGING,
        "LPwFELwgjQYkbRFgCCn9XH",
        "staging-postgres",
        "postgres",
        "profiles_staging_pg",
        _server("staging.postgres.example.com", "5432", "staging"),
    ),
)


def get_fixture_secret(warehouse: str) -> str:
    """The password that the declared warehouse of this name has: a string that nobody may ever see in Slack."""
    return f"declared-password-of-{warehouse}"


def build_selective_sync(*, event_tables_enabled: bool = True) -> SelectiveSync:
    """What syncs to a new warehouse."""
    return SelectiveSync(
        event_tables_enabled,
        {
            "tracks": Collection(enabled=True, properties={"context_ip": True, "event": True}),
            "identifies": Collection(enabled=True, properties={"email": True, "plan": True}),
            "pages": Collection(enabled=False, properties={"path": True, "referrer": False}),
        },
    )


def build_warehouses() -> list[Warehouse]:
    """The declared warehouses, made anew."""
    return [_made(declared) for declared in _WAREHOUSES]


def _made(declared: _Declared) -> Warehouse:
    kind = find_warehouse_type(declared.slug)
    secret: dict[str, JsonValue] = {declared.secret: get_fixture_secret(declared.name)} if declared.secret else {}
    plain, secrets = split_secrets(kind, declared.settings | secret)
    return Warehouse(
        id=declared.id,
        space_id=declared.space.id,
        type=kind,
        name=declared.name,
        enabled=declared.enabled,
        schema_name=declared.schema,
        settings=plain,
        secrets=secrets,
        selective_sync=build_selective_sync(event_tables_enabled=declared.event_tables),
        returns_ciphertext=declared.older,
    )
