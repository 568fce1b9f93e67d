/**
 * What tests need and programs must not have: real servers that fail on command, a real database
 * that is made in milliseconds, a clock that a test moves, and waiting for a condition instead of
 * sleeping.
 */
@NullMarked
package com.mcpist.testkit;

import org.jspecify.annotations.NullMarked;
