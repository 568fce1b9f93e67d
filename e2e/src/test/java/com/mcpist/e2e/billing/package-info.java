/** Plans that people pay for, while origins die and secrets change. */
@NullMarked
package com.mcpist.e2e.billing;

import org.jspecify.annotations.NullMarked;
