insert into schema_compatibility values (7, 5);

-- Who pays, as Stripe has it: docs/operations/billing.md
create table billing_customer (
  -- Stripe's id.
  id text primary key,
  user_id text not null,
  -- Grows with each change: what was asked of Stripe before another change is not kept after it.
  version bigint not null default 0,
  -- Those that are open, or lost and nothing was paid since: while there is one, no plan is paid.
  disputes text[] not null default '{}',
  -- At Stripe: its user needs another one.
  deleted boolean not null default false,
  -- When it was last compared with Stripe.
  checked_at timestamptz not null default clock_timestamp()
);
create index billing_customer_user on billing_customer (user_id);
create index billing_customer_checked on billing_customer (checked_at);

create table billing_subscription (
  id text primary key,
  customer text not null references billing_customer on delete cascade,
  user_id text not null,
  -- Stripe's word, or gone.
  status text not null,
  -- What it gives; null: nothing.
  plan text,
  -- The end of the grace period; null: it has no end.
  until timestamptz,
  -- Whether its calls are counted.
  metered boolean not null
);
create index billing_subscription_customer on billing_subscription (customer);
create index billing_subscription_user on billing_subscription (user_id);
create index billing_subscription_until on billing_subscription (until) where until is not null and plan is not null;

-- Events of Stripe that have had their effect.
create table billing_event (
  id text primary key,
  type text not null,
  customer text not null,
  at timestamptz not null default clock_timestamp()
);
create index billing_event_at on billing_event (at);

-- A row for each call that is paid by use, until its hour is added up. A row is never changed, so that no call waits for another.
create table billing_use (
  customer text not null,
  at timestamptz not null default clock_timestamp()
);
create index billing_use_at on billing_use (at);

-- Calls in an hour, as Stripe is told. What comes after an hour is sealed has the next number.
create table billing_hour (
  customer text not null,
  hour timestamptz not null,
  number integer not null,
  calls bigint not null,
  -- The first of them, as Stripe is told: a subscription may begin or end within an hour.
  first_at timestamptz not null,
  -- Nothing is added any more.
  sealed boolean not null default false,
  -- Until when the origin that has taken it may report it.
  lease_until timestamptz,
  reported_at timestamptz,
  primary key (customer, hour, number)
);
create index billing_hour_open on billing_hour (hour) where reported_at is null;
create index billing_hour_reported on billing_hour (reported_at) where reported_at is not null;

alter table billing_customer enable row level security;
alter table billing_subscription enable row level security;
alter table billing_event enable row level security;
alter table billing_use enable row level security;
alter table billing_hour enable row level security;
create policy of_user on billing_subscription for select to mcpist_origin
  using (user_id = (select nullif(current_setting('mcpist.user_id', true), '')));
create policy of_admin on billing_customer to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on billing_subscription to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on billing_event to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on billing_use to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
create policy of_admin on billing_hour to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
grant select, insert, update, delete on billing_customer, billing_subscription, billing_event, billing_use, billing_hour to mcpist_origin;
