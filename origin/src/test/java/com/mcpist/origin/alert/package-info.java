@NullMarked
package com.mcpist.origin.alert;

import org.jspecify.annotations.NullMarked;
