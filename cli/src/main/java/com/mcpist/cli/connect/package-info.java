/**
 * A stdio MCP server that forwards to a pair, and sends again until it has an answer. It is started
 * beside each session of a host, so it uses what is small: no picocli, no java.net.http, no trees
 * of JSON.
 */
@NullMarked
package com.mcpist.cli.connect;

import org.jspecify.annotations.NullMarked;
