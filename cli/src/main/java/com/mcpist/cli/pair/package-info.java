@NullMarked
package com.mcpist.cli.pair;

import org.jspecify.annotations.NullMarked;
