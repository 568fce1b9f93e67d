/**
 * The tools that a drill calls. The memory's tool changes the database of the pair. The tools of a
 * mounted server, which is a part of the drill, append each of their effects to a file.
 */
@NullMarked
package com.mcpist.drill.tool;

import org.jspecify.annotations.NullMarked;
