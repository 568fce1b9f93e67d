/**
 * Measurements that are run by hand, by the scripts in bench/: a busy machine would make them lie.
 */
@NullMarked
package com.mcpist.e2e.bench;

import org.jspecify.annotations.NullMarked;
