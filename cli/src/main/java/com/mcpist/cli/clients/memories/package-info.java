/** Files with memories, ours and others'. */
@NullMarked
package com.mcpist.cli.clients.memories;

import org.jspecify.annotations.NullMarked;
