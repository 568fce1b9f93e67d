/**
 * Brings a release out on all origins, verifies it, and takes it back where it is bad. Never is an
 * origin changed while no other one is healthy.
 */
@NullMarked
package com.mcpist.deploy.release;

import org.jspecify.annotations.NullMarked;
