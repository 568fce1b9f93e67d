-- In the transaction of each migration: one that cannot have its lock soon gives way to the calls, and is tried again.
set local mcpist.module = '${module}';
set local lock_timeout = '2s';
set local statement_timeout = '50s';
