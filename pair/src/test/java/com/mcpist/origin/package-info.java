/** A stand-in for the origin, which obeys docs/design/processes.md. */
@NullMarked
package com.mcpist.origin;

import org.jspecify.annotations.NullMarked;
