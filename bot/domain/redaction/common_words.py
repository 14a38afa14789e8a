"""The words of the bot's own messages, forms and logs, and words that name things at many companies.

A secret that is such a word is not hidden: hiding it would make everybody's text unreadable, and the gaps would reveal
it. The list is fixed. It holds the words of the bot's sentences, Segment's warehouse types and the keys of their
settings, environments, teams, regions, and the usual names of users. Its short words are those that are part of names.
"""

_WORDS = """
all and any api app aws bot crm csv day db dev dwh env erp etl eu for gc gcp hr http id ip it key log my new no not of
old on one own path pre pro qa raw sql ssl the tls tmp to two uat uk url us v1 v2 v3 vpc xml
about absent accept access accessory account action actions added addr address admin administrator admins after
again agent aiohttp aiosqlite alembic alert alias alice align allow alone alpha already also amazon analyst
analysts analytics ancestors anew another answer answered anywhere apache appear application approle approval
approvals approve approved approvers apps april archive archived aria arrive ascii asia asked asking asks
assignee asyncio asyncpg attempt attempts audit august auth authentication author authorization automation away
azure azuresqldb azuresqldw back backend background backup base basic bearer been before begin begun behind
being belongs below beside beta between bigquery billing binary blank blob block blocks body bolt boolean border
boston both botocore bots bottom brand break broke broken browsers bucket build business button bytes cache
california call callback called calls came camera campaign canada cancel cancelled candidate card carried carry
case catalog censor center central cert change changed changes changing channel character characters charset
chat checkbox checkboxes checked child choose chosen ciphertext claim class classic client close closed cloud
cluster clusters code color colour column come comes comma command commas comment commerce company compute
configured confirm connect connected connection connections connects console consumed consumer container content
context control cookie core corp correct could count counting counts crashed create created creating creation
credential credentials critical cross ctrl cursor customer customers daily danger dark dashboard data database
databases databricks datalake dataops dataset datasets date days dbclusteridentifier dbinstanceidentifier dbname
deactivated debug december decide decided decides decision deed default delete deleted deleting deletion demo
demos denied deny deploy deployed describe description destination destinations destroy destructive detail
details devel developer development device dialog digital direct directory disable disabled disabling disaster
disc dispatch display divider documented does domain done drawn drift driven dublin each earlier east echo edge
edit element elements else email emails emoji empty enable enabled enableeventtables enabling encrypted
encryption ended ends engine engineering enter entered enterprise entities entity entries entry environment
ephemeral erased error errors escalate escape europe event events every everybody everyone everywhere example
exclude executing exist exists experiment experiments expire expired expires export exports extra facebook fact
facts fail failed failover false february fetch field fields file files filter final finance find fingerprint
first five fivetran flag flex focus folder font forbid forbidden form found frame frankfurt friday from frontend
full function germany github give gives glass global goes gone good google grid ground group groups growth guess
guessed guest guests guide hadoop hand handed handle handles handovers happened hash have head header height
hello help here hidden hide hint history hive holds home hook host hosting hostname hour hourly however html
http https httpx human hvac hyphens iceberg icon identity ignored immediate import inactive index india info
information infra ingest inherit initial inner input inside insights instagram install installed instance
instead integer integration integrations internal into invalid invite ireland isolation items itself january
japan jobs journal json july june just kafka keep keeps kept keys kind know known knownsecrets knows kubernetes
label labels lake lakehouse lambda lang large larger last later latest latin lead leads lease least leave leaves
left legacy legal lets level light like limited line link list listed listened listener listening listens lists
listspaces live loader local localhost location lock logger logging login logon logs london long longer look
looked looker looking looks lookup lose lost machine made mail main makes making manage manager many march
margin marked marketing mart master matches matters mean meant meanwhile media medium member members memory menu
merge message meta metabase metadata method metric metrics microphone microsoft migration migrations minute
minutes mirror missing mobile modal mode model models moment monday monitor monitoring monospace monthly more
most motherduck mount move mrkdwn multiline must mysql name named names namespace nearest need needed needs
neither network never newest next nobody none north note nothing november nowhere null number oauth object
october offers office offline offset older oncall once ones online only open opened opener operations option
optional options oracle orders oregon origin other others outcome outline output outside outsider over overflow
owner owns package packages page pagesize pagination painted pair pairs paper parent paris participant partner
partners pass passphrase passwd password patch path pattern payment payments pending people permalink
permissions person personas pipeline pipelines place placeholder plain platform play pointer policy pool port
ports post posted postgres postgresql postmaster prefix preprod press pretty preview previous price prices
primary principal print private privatekey privatekeypassphrase problem process prod product production products
profile profiles project projects provider proxy public publish publisher purchase pypi quality quarterly
queries query radius ratelimit reach reached read readable reader reading reads reason receive received record
records recovery recreate redacted redis redrawn redshift referrer refresh refused refuses region release
remaining remind remote remove rename repeatable replace replaced replaces replica report reporter reporting
reports repository request requesters requests required research reset resize resource resourceid response rest
restarted restricted result retail retired retry revenue review right robots role roles root route router rows
rule rules running runs safer said sales salesforce same sample sandbox sans saturday save saved says scale
scenes schema schemaname scheme science scratch screen script sealed search second seconds secret secretlist
secrets secretsmanager secretstring secs section secure security seen sees segment select selected selective
self sender sends sent separated september server servers service serviceaccount services session sessions sets
setting settings settle setup several shard shared shop shopify short should show shown shows signed signing
simple simulator since singapore single site sites size sizing slack slow slug slugs small snapshot snowflake
socket soft solid somebody something source sources south space spaces spark spellcheck spells spring sqlalchemy
sqlite sslmode stage staging stamina standard standby stands start starting state static stay stays still stop
stops storage store stored stores stranger stream streaming strict string stripe style subject submission submit
submitted subteam succeed succeeded such sudo summary summer sunday supersede superseded superuser support
survey switch sydney synapse sync synchronous syncoverrides syncs sysadmin system table tableau tables tags take
taken takes target task team teams tell tells temp template temporary tenant test tester testing tests text
textarea than that them then there these they this those thread three through thursday time timeout timestamp
title today token tokyo told toml took tools topic total tracking tracks traffic trail training traits transfer
transform transparent transport trial tries trigger true trying tuesday tunnel turn twice twilio twitter type
typed types typing ultra unchanged unchosen under understand undo undoing unicode unified unit unity universe
unknown until unusable update updated updating upkeep upload urlencoded usage usages used user username users
uses validate validation value values variables vault vendor verbatim verified version vertical view views
virginia visible visitor volume wait waits want wants warehouse warehousebot warehouses warning ways weak
wednesday week weekend weekly weight went were west what when where wherever whether which while whoever whole
width window winter with within without work worker works workspace would wrap write writer written wrong yearly
yesterday your zone zones
"""

COMMON_WORDS = frozenset(_WORDS.split())
