/**
 * Fast starts: the JVM's AOT cache of the origin and the edge, made once for each build, in the
 * background, while the pair runs.
 */
@NullMarked
package com.mcpist.pair.startup;

import org.jspecify.annotations.NullMarked;
