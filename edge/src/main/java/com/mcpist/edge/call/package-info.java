/**
 * One call, from its request's first byte to its response's last: {@code Calls}, {@code Intake},
 * {@code Call}, {@code Attempt}, in that order.
 */
@NullMarked
package com.mcpist.edge.call;

import org.jspecify.annotations.NullMarked;
