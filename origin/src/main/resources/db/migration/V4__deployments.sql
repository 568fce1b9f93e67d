insert into schema_compatibility values (4, 4);

-- Who deploys: at most one row, and one that has expired is nobody's. Every time is this database's.
create table deployment_lock (
  the_one boolean primary key default true check (the_one),
  -- Known to its owner alone; what the owner writes is fenced by it.
  token uuid not null,
  owner text not null,
  purpose text not null,
  since timestamptz not null,
  expires_at timestamptz not null
);

-- Deployments and rollbacks, the newest 200.
create table release (
  id uuid primary key,
  action text not null,
  image text not null,
  digest text not null,
  release text not null,
  strategy text not null,
  who text not null,
  state text not null,
  detail text not null,
  -- What became of each origin: [{name, state, before, detail}].
  origins jsonb not null,
  started timestamptz not null,
  -- Null while it is running.
  finished timestamptz
);

-- What happened to the pair: docs/operations/events.md
create table event (
  id uuid primary key,
  kind text not null,
  origin text,
  message text not null,
  at timestamptz not null,
  -- Null: it goes on, or does not last.
  ended timestamptz,
  -- When it was last told of.
  told timestamptz not null default clock_timestamp(),
  data jsonb not null default '{}'
);
create index event_at on event (at, id);
create index event_failover on event (origin, at) where kind = 'failover';

-- Who is told of events: docs/operations/alerts.md. An origin adds those of its settings.
create table alert_webhook (
  name text primary key,
  -- When an origin last had it in its settings.
  seen timestamptz not null default clock_timestamp(),
  -- Nothing is posted before; who posts puts it off, so that no other origin does.
  next_at timestamptz not null default '-infinity',
  -- Seconds between the last two messages, and how many attempts in a row have failed.
  pause integer not null default 0,
  failures integer not null default 0
);

-- What a webhook is yet to be told: that an event has begun, or has ended. Triggers write it.
create table alert (
  id bigint generated always as identity primary key,
  webhook text not null references alert_webhook on delete cascade,
  event_id uuid not null references event on delete cascade,
  due timestamptz not null,
  -- The message that tells it, once one does.
  batch uuid
);
create index alert_due on alert (webhook, due);
create index alert_event_id on alert (event_id);
create index alert_batch on alert (batch);

alter table deployment_lock enable row level security;
alter table release enable row level security;
alter table event enable row level security;
alter table alert_webhook enable row level security;
alter table alert enable row level security;
create policy of_origins on deployment_lock to mcpist_origin using (true);
create policy of_origins on release to mcpist_origin using (true);
create policy of_origins on event to mcpist_origin using (true);
create policy of_origins on alert_webhook to mcpist_origin using (true);
create policy of_origins on alert to mcpist_origin using (true);
grant select, insert, update, delete on deployment_lock, release, event, alert_webhook, alert to mcpist_origin;
