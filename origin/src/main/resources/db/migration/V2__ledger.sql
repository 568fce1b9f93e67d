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
  -- The claim of a call that acts outside and is not finished, and until when its process is known to live.
  claim uuid,
  lease_until timestamptz,
  expires_at timestamptz not null,
  -- A call that an attempt was refused, so that no earlier one does it after all: to those it is a call that is done, and its result an
  -- error. To this attempt and later ones it is none, and what they record takes its place.
  refused boolean not null default false,
  -- What the row takes, about, of what its user may store.
  bytes bigint not null generated always as (512 + coalesce(octet_length(result), 0)) stored,
  primary key (user_id, from_client, call_id, call_index)
);
create index tool_call_expires_at on tool_call (expires_at);
create unique index tool_call_claim on tool_call (claim) where claim is not null;

alter table tool_call enable row level security;
-- A transaction sees the rows of the user that it has named.
create policy of_user on tool_call to mcpist_origin using (user_id = (select mcpist_user()));
grant select, insert, update, delete on tool_call to mcpist_origin;
