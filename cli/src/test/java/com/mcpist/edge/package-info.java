/** A stand-in for the edge, which obeys docs/design/processes.md. */
@NullMarked
package com.mcpist.edge;

import org.jspecify.annotations.NullMarked;
