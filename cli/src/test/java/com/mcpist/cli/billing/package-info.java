@NullMarked
package com.mcpist.cli.billing;

import org.jspecify.annotations.NullMarked;
