/** The check of who calls: API keys by their form, tokens by their issuer's keys. */
@NullMarked
package com.mcpist.edge.gate.auth;

import org.jspecify.annotations.NullMarked;
