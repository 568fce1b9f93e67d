/**
 * An origin with what the official conformance suite calls by name, and nothing of the product's
 * own modules. It needs no database.
 */
@NullMarked
package com.mcpist.e2e.conformance;

import org.jspecify.annotations.NullMarked;
