/**
 * Histories: clients call through both edges while a schedule made from a seed breaks what is
 * behind them, and rules compare what each client was told with what each server did.
 */
@NullMarked
package com.mcpist.e2e.history;

import org.jspecify.annotations.NullMarked;
