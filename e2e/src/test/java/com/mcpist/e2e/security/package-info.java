/** Attacks on everything that listens. */
@NullMarked
package com.mcpist.e2e.security;

import org.jspecify.annotations.NullMarked;
