@NullMarked
package com.mcpist.pair.startup;

import org.jspecify.annotations.NullMarked;
