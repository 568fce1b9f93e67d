/** What every edge does alike, seen from outside: one suite for the Java edge and the Worker. */
@NullMarked
package com.mcpist.e2e.contract;

import org.jspecify.annotations.NullMarked;
