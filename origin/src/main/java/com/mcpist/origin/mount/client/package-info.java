/**
 * Speaks to one mounted server, over standard input and output or Streamable HTTP, in the revisions
 * 2024-11-05 to 2026-07-28. JSON is passed through as it is; what a server can do to this process
 * is bounded. docs/adr/0025
 */
@NullMarked
package com.mcpist.origin.mount.client;

import org.jspecify.annotations.NullMarked;
