/**
 * The handling of one call, from the first byte of its request to the last byte of its response.
 */
@NullMarked
package com.mcpist.edge.call;

import org.jspecify.annotations.NullMarked;
