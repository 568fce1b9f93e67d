/** `mcpist mount`: mounts.json, and what the origins say of it. */
@NullMarked
package com.mcpist.cli.mount;

import org.jspecify.annotations.NullMarked;
