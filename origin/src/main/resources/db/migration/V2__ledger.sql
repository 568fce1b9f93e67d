insert into schema_compatibility values (2, 2);

-- Calls that have had their effect, with their results, and claims of calls that act outside. docs/design/ledger.md
create table tool_call (
  user_id text not null,
  -- Whether call_id is the client's Idempotency-Key, or else the edge's call id.
  from_client boolean not null,
  call_id text not null,
  call_index integer not null,
  tool text not null,
  arguments_hash text not null,
  attempt integer not null,
  -- The process that ran it.
  instance text not null,
  -- MCP's result; null while a claim is not finished.
  result text,
  -- The claim of a call that acts outside and is not finished; null also when another attempt has found that its lease had run out.
  claim uuid,
  -- Whether the tool, when the claim was made, said that it may act again.
  again boolean not null default false,
  -- Whether the attempt that made the claim has only prepared the call so far. It renews the claim before it acts, which sets this to false.
  prepares boolean not null default false,
  -- The time until which the process that has the claim is known to live.
  lease_until timestamptz,
  expires_at timestamptz not null,
  -- Refused to an attempt: to earlier ones it is a call that is done, and its result an error. To later ones it is none.
  refused boolean not null default false,
  -- When the result was recorded, or, while there is none, the claim.
  at timestamptz not null default clock_timestamp(),
  -- What the row takes, about, of what its user may store.
  bytes bigint not null generated always as (512 + coalesce(octet_length(result), 0)) stored,
  primary key (user_id, from_client, call_id, call_index)
);
create index tool_call_expires_at on tool_call (expires_at);
create unique index tool_call_claim on tool_call (claim) where claim is not null;

-- Calls under an edge's id whose clients have no answer: for one that sends the same again. docs/design/ledger.md
create table undelivered (
  user_id text not null,
  tool text not null,
  arguments_hash text not null,
  call_id text not null,
  call_index integer not null,
  -- The call, and what has become it, in this order: each an id, a slash and the position in a batch.
  sendings text[] not null,
  -- Until when another sending may become it; null while the last one stands for it.
  open_until timestamptz,
  expires_at timestamptz not null,
  primary key (user_id, tool, arguments_hash, call_id, call_index)
);
create index undelivered_expires_at on undelivered (expires_at);

-- How much each user has stored: memories, and what the ledger keeps of calls. What a user has in a table is a sum, without xid, and what
-- transactions have added to it since. A row is never changed, so that no call waits for another, whose origin may hang.
create table stored (
  user_id text not null,
  -- The table that it is stored in.
  counted text not null,
  bytes bigint not null,
  xid xid8 default pg_current_xact_id()
);
create index stored_xid on stored (xid, user_id);
-- What this snapshot sees is in the sums. One row: without it nothing would be added up, and with two no call could write.
create table stored_upto (upto pg_snapshot not null);
create unique index stored_upto_one on stored_upto ((true));
insert into stored_upto values (pg_current_snapshot());

alter table tool_call enable row level security;
alter table undelivered enable row level security;
alter table stored enable row level security;
alter table stored_upto enable row level security;
-- A transaction sees the rows of the user that it has named.
create policy of_user on tool_call to mcpist_origin using (user_id = (select mcpist_user()));
create policy of_user on undelivered to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on tool_call to mcpist_origin;
grant select, insert, update, delete on undelivered to mcpist_origin;
create policy of_admin on stored for select to mcpist_origin using ((select current_setting('mcpist.admin', true) = 'on'));
grant select on stored to mcpist_origin;
