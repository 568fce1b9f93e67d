/** Brings a release out and verifies it; no origin changes while no other one is healthy. */
@NullMarked
package com.mcpist.deploy.release;

import org.jspecify.annotations.NullMarked;
